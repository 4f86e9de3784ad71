import { Moment } from '@/components/ui/moment';
import type { ProviderName, ProviderState } from '@/types/api';
import type { ProviderDefinition } from '@/types/fields';
import { dateTime } from '@/utils/format';

const KEY_SOURCES: Record<ProviderName, string> = {
  tmdb: 'A key is free with an account at themoviedb.org, under Settings → API.',
  omdb: 'A key comes by mail from omdbapi.com, under API Key; a free one allows 1,000 requests a day.',
  fanart: 'A personal key is free with an account at fanart.tv.',
};

interface ProviderNoteProps {
  provider: ProviderDefinition;
  state: ProviderState;
}

/** Why a provider is not asked, and what can be done about it; nothing where it is. */
export function ProviderNote({ provider, state: { state, reason, until } }: ProviderNoteProps) {
  const setting = <code className="font-semibold whitespace-nowrap">{provider.keySetting}</code>;
  switch (state) {
    case 'on':
      return null;
    case 'off':
      return (
        <p className="mt-1 text-pretty text-muted">
          No key is set, so it is not asked. To turn it on, set the environment variable {setting} and restart
          Metarr. {KEY_SOURCES[provider.name]}
        </p>
      );
    case 'paused':
      return (
        <p className="mt-1 text-pretty text-muted">
          {reason && `${sentence(reason)} `}
          {until && (
            <>
              It is asked again <Moment at={until} /> ({dateTime(until)}).
            </>
          )}
        </p>
      );
    case 'key_refused':
      return (
        <p className="mt-1 text-pretty text-muted">
          {reason && `${sentence(reason)} `}
          Check the environment variable {setting} and restart Metarr.
        </p>
      );
  }
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
