/** What the tabs of one browser tell each other: that one of them has written. */

const NAME = 'metarr';

let channel: BroadcastChannel | undefined;

/** Tells the other tabs of a write; `seq` is the last event that this tab knows to be caused, 0 for none. */
export function tellOtherTabs(seq: number): void {
  channel?.postMessage(seq);
}

/** Hears of what the other tabs write, and lets this one tell of its own; returns what ends both. */
export function joinTabs(onWritten: (seq: number) => void): () => void {
  const joined = new BroadcastChannel(NAME);
  joined.onmessage = ({ data }: MessageEvent<number>) => onWritten(data);
  channel = joined;
  return () => {
    joined.close();
    if (channel === joined) channel = undefined;
  };
}
