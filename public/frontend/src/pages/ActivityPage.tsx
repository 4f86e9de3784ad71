import { PageTitle } from '@/components/layout/PageTitle';

export default function ActivityPage() {
  return <PageTitle title="Activity" />;
}
