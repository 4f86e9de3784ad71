/** What providers that may not be asked just now mean for a run that is started all the same. */
import type { ProviderState, Rules } from '@/types/api';
import { providerTitle } from '@/types/fields';
import { dateTime, time } from '@/utils/format';

export interface HeldProvider {
  name: ProviderState['name'];
  text: string;
  /** The run ends at the first film that needs the provider. */
  ends: boolean;
  /** Another rule would have the run go on. */
  byRule: boolean;
}

const DAY_MS = 86_400_000;

export function heldInWords(
  states: ProviderState[],
  onQuota: Rules['onQuota'],
  now = Date.now(),
): HeldProvider[] {
  const isAnyLeft = states.some((state) => state.state !== 'off' && !isUsedUp(state));
  return states.flatMap((state): HeldProvider[] => {
    const { name, until } = state;
    const title = providerTitle(name);
    const held = (text: string) => [{ name, text, ends: false, byRule: false }];
    const ends = (why: string, byRule = false) => [
      {
        name,
        text: `${why} this run would end at once, at the first movie that needs it.`,
        ends: true,
        byRule,
      },
    ];
    if (state.state === 'key_refused') return ends(`${title} refuses its key:`);
    if (state.state !== 'paused') return [];
    const paused = until ? `${title} is paused until ${moment(until, now)}` : `${title} is paused`;
    if (!isUsedUp(state)) return held(`${paused}: this run would wait for it.`);
    if (onQuota === 'stop') return ends(`${paused}: with the rule “Stop the run”`, true);
    return isAnyLeft
      ? held(`${paused}: this run would go on without it.`)
      : ends(`${paused}, and no other provider is left:`);
  });
}

/** A pause for another reason is one of minutes, and leaves what remains of the quota as it is. */
const isUsedUp = ({ state, remaining }: ProviderState) => state === 'paused' && remaining === 0;

const moment = (until: string, now: number) =>
  Date.parse(until) - now < DAY_MS ? time(until) : dateTime(until);
