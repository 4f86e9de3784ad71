import { Film } from 'lucide-react';
import { useEffect, useState } from 'react';

import { cn } from '@/utils/cn';

/** Films that only pass by while a person scrolls are not asked for their pictures. */
const GLANCE_MS = 120;

interface PosterProps {
  /** Address of the picture; null where there is none. */
  src: string | null;
  /** Says how large it is. */
  className: string;
}

/** A small poster that takes the same place with a picture and without; it tells nothing that the title does not. */
export function Poster({ src, className }: PosterProps) {
  const [wanted, setWanted] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true), GLANCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div
      aria-hidden
      className={cn(
        'grid shrink-0 place-items-center overflow-hidden rounded-md bg-sunken text-line-strong',
        className,
      )}
    >
      {!wanted ? null : src !== null && failed !== src ? (
        <img
          src={src}
          alt=""
          width={92}
          height={138}
          loading="lazy"
          decoding="async"
          className="size-full object-cover"
          onError={() => setFailed(src)}
        />
      ) : (
        <Film className="size-4.5" />
      )}
    </div>
  );
}
