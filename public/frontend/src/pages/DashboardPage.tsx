import { PageTitle } from '@/components/layout/PageTitle';

export default function DashboardPage() {
  return <PageTitle title="Dashboard" />;
}
