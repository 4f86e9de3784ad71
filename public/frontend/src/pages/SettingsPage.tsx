import { PageTitle } from '@/components/layout/PageTitle';
import { AboutCard } from '@/components/settings/AboutCard';
import { AccessCard } from '@/components/settings/AccessCard';
import { BulkEnrichmentCard } from '@/components/settings/BulkEnrichmentCard';
import { ProvidersCard } from '@/components/settings/ProvidersCard';
import { RulesCard } from '@/components/settings/RulesCard';

export default function SettingsPage() {
  return (
    <>
      <PageTitle title="Settings" description="General" />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-6">
          <BulkEnrichmentCard />
          <ProvidersCard />
        </div>
        <div className="space-y-6">
          <RulesCard />
          <AboutCard />
          <AccessCard />
        </div>
      </div>
    </>
  );
}
