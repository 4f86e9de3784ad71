import { PageTitle } from '@/components/layout/PageTitle';

export default function MoviePage() {
  return <PageTitle title="Movie" />;
}
