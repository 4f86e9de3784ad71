import { PageTitle } from '@/components/layout/PageTitle';

export default function MoviesPage() {
  return <PageTitle title="Movies" />;
}
