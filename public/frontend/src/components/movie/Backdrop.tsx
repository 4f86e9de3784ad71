import { useState } from 'react';

/** A picture that shines softly through behind what is written before it; nothing where it cannot be had. */
export function Backdrop({ src }: { src: string }) {
  const [failed, setFailed] = useState(false);
  if (failed) return null;
  return (
    <div aria-hidden className="absolute inset-0">
      <img
        src={src}
        alt=""
        decoding="async"
        onError={() => setFailed(true)}
        className="size-full object-cover object-[50%_25%] opacity-60"
      />
      <div className="absolute inset-0 bg-linear-to-r from-card from-35% via-card/85 to-card/30" />
    </div>
  );
}
