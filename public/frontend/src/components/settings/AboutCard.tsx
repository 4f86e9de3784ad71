import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { useAbout } from '@/hooks/useAbout';

const LINK = 'font-medium text-brand-ink underline underline-offset-2';

/** The version, and what the providers ask to be said of their data. */
export function AboutCard() {
  const { data } = useAbout();
  return (
    <Card aria-labelledby="about-title">
      <CardHeader>
        <CardTitle id="about-title">About</CardTitle>
        {data && <span className="text-muted tabular-nums">Metarr {data.version}</span>}
      </CardHeader>
      <CardContent className="space-y-3 text-pretty text-muted">
        <p>This product uses the TMDB API but is not endorsed or certified by TMDB.</p>
        <p>
          Ratings and awards come from the OMDb API (omdbapi.com), whose content is licensed under CC BY-NC
          4.0: not for commercial use.
        </p>
        <p>Artwork is provided by fanart.tv and its community.</p>
        <p className="pt-1">
          For programs:{' '}
          <a href="/api/docs" className={LINK}>
            API documentation
          </a>{' '}
          and its{' '}
          <a href="/api/openapi.json" className={LINK}>
            OpenAPI document
          </a>
          .
        </p>
      </CardContent>
    </Card>
  );
}
