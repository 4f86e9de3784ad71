import { PageTitle } from '@/components/layout/PageTitle';

export default function SettingsPage() {
  return <PageTitle title="Settings" />;
}
