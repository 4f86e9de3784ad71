import { ImageOff } from 'lucide-react';
import { useState } from 'react';

import { cn } from '@/utils/cn';

interface PictureProps {
  /** Null where there is none. */
  src: string | null;
  /** Empty where the picture says nothing that the text beside it does not. */
  alt: string;
  className?: string;
  /** How the picture fills its place. */
  fit?: 'cover' | 'contain';
}

/** A picture in a place of a fixed size; where it is missing or cannot be had, the place stays. */
export function Picture({ src, alt, className, fit = 'cover' }: PictureProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const look = cn('overflow-hidden rounded-lg bg-sunken', className);
  if (src === null || src === failed) {
    return (
      <div className={cn(look, 'grid place-items-center text-line-strong')}>
        <ImageOff aria-hidden className="size-1/4 max-h-8 max-w-8" />
        {alt && <span className="sr-only">{alt}: no picture</span>}
      </div>
    );
  }
  return (
    <div className={look}>
      <img
        src={src}
        alt={alt}
        loading="lazy"
        decoding="async"
        onError={() => setFailed(src)}
        className={cn('size-full', fit === 'cover' ? 'object-cover' : 'object-contain')}
      />
    </div>
  );
}
