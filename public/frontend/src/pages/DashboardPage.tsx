import { CompletenessStatCard } from '@/components/dashboard/CompletenessStatCard';
import { FirstRun } from '@/components/dashboard/FirstRun';
import { LastActivityCard } from '@/components/dashboard/LastActivityCard';
import { ProviderSummaryCard } from '@/components/dashboard/ProviderSummaryCard';
import { PageTitle } from '@/components/layout/PageTitle';

export default function DashboardPage() {
  return (
    <>
      <PageTitle title="Dashboard" />
      <div className="grid grid-cols-1 items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="grid grid-cols-1 gap-5">
          <CompletenessStatCard />
          <FirstRun />
        </div>
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2 xl:grid-cols-1">
          <LastActivityCard />
          <ProviderSummaryCard />
        </div>
      </div>
    </>
  );
}
