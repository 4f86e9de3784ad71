import { act, screen, waitFor } from '@testing-library/react';
import { delay, http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ConnectionState } from '@/components/layout/ConnectionState';
import { useChangeRules } from '@/hooks/useProviders';
import { useEnrichmentStats } from '@/hooks/useEnrichment';
import { show } from '@/test/render';
import { answer, refuse, server } from '@/test/server';
import { playSocket } from '@/test/socket';
import { recallSession, sessionState, signedOut } from '@/utils/session';

const KEY = 'metarr-session';
const STATS = '/movies/enrichment/stats';
const ENDED = /^You were signed out/;
const socket = playSocket();

function Library() {
  const { mutate } = useChangeRules();
  return (
    <>
      <ConnectionState />
      <p>{useEnrichmentStats().data?.total} movies</p>
      <button onClick={() => mutate({ onQuota: 'stop' })}>Change</button>
    </>
  );
}

const showLibrary = () => show(<Library />, { at: '/media/movies?page=2', path: '*' });
const field = () => screen.findByLabelText('API key');
const submit = () => screen.getByRole('button', { name: 'Sign in' });

/** The gateway refuses what needs a sign-in. */
const refuseAll = () => refuse(STATS, 401, 'not_signed_in', 'Sign in first');

/** The gateway takes this key, and no other. */
function take(key: string): object[] {
  const tried: object[] = [];
  server.use(
    http.post('/api/session', async ({ request }) => {
      const body = (await request.json()) as { apiKey: string };
      tried.push(body);
      if (body.apiKey === key) {
        answer(STATS, { total: 8 });
        return HttpResponse.json({ success: true, data: { required: true, signedIn: true } });
      }
      const failure = {
        success: false,
        error: 'This is not the key',
        code: 'wrong_api_key',
        field: 'apiKey',
      };
      return HttpResponse.json(failure, { status: 401 });
    }),
  );
  return tried;
}

/** What another tab of this browser does, as this one is told. */
const elsewhere = (newValue: string | null) =>
  act(() => void window.dispatchEvent(new StorageEvent('storage', { key: KEY, newValue })));

/** Everything that may be asked for, counted. */
function counted(): string[] {
  const asked: string[] = [];
  server.events.on('request:start', ({ request }) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
  });
  return asked;
}

afterEach(() => {
  server.events.removeAllListeners();
  vi.useRealTimers();
});

describe('where no key is asked for', () => {
  test('nothing is asked, nothing is seen of it', async () => {
    answer(STATS, { total: 7 });
    const asked = counted();
    showLibrary();

    expect(await screen.findByText('7 movies')).toBeInTheDocument();
    expect(asked.filter((one) => one.endsWith('/session'))).toEqual([]);
  });

  test('a browser that has never been here asks once, and remembers', async () => {
    localStorage.clear();
    recallSession();
    answer(STATS, { total: 7 });
    const asked = counted();
    showLibrary();

    expect(await screen.findByText('7 movies')).toBeInTheDocument();
    expect(asked.filter((one) => one.endsWith('/session'))).toEqual(['GET /api/session']);
    recallSession();
    expect(sessionState()).toBe('in');
  });
});

describe('before it is known', () => {
  test('whoever has to sign in sees nothing else, and nothing else is asked for', async () => {
    localStorage.clear();
    recallSession();
    answer('/session', { required: true, signedIn: false });
    const asked = counted();
    showLibrary();

    expect(await field()).toHaveFocus();
    expect(asked).toEqual(['GET /api/session']);
    expect(socket.connections).toBe(0);
    expect(screen.queryByText(ENDED)).not.toBeInTheDocument();
  });

  test('an answer that takes long is said to be waited for', async () => {
    localStorage.clear();
    recallSession();
    let answers: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answers = resolve));
    server.use(
      http.get('/api/session', async () => {
        await held;
        return HttpResponse.json({ success: true, data: { required: true, signedIn: true } });
      }),
    );
    answer(STATS, { total: 7 });
    showLibrary();

    expect(screen.queryByRole('status')).not.toBeInTheDocument();
    expect(await screen.findByText('Loading …')).toBeInTheDocument();
    answers();
    expect(await screen.findByText('7 movies')).toBeInTheDocument();
  });

  test('a gateway that does not say leaves it to the page', async () => {
    localStorage.clear();
    recallSession();
    server.use(http.get('/api/session', () => HttpResponse.error()));
    answer(STATS, { total: 7 });
    showLibrary();

    expect(await screen.findByText('7 movies')).toBeInTheDocument();
  });
});

describe('the sign-in page', () => {
  beforeEach(signedOut);

  test('can be filled in by a password manager, and hides the key until somebody wants to see it', async () => {
    const { user, container } = showLibrary();
    const key = await field();

    expect(document.title).toBe('Sign in · Metarr');
    expect(key).toHaveFocus();
    expect(key).toHaveAttribute('type', 'password');
    expect(key).toHaveAttribute('autocomplete', 'current-password');
    const name = container.querySelector('form input[autocomplete=username]');
    expect(name).toHaveValue('metarr');
    expect(name).not.toBeVisible();

    await user.click(screen.getByRole('button', { name: 'Show the key', pressed: false }));
    expect(key).toHaveAttribute('type', 'text');
    await user.click(screen.getByRole('button', { name: 'Show the key', pressed: true }));
    expect(key).toHaveAttribute('type', 'password');
  });

  test('says where the key is', async () => {
    showLibrary();
    await field();

    expect(screen.getByText('metarr api-key')).toBeInTheDocument();
    expect(screen.getByText('secrets/api-key')).toBeInTheDocument();
  });

  test('with the key it gives way to the page that was asked for, live', async () => {
    const tried = take('the-right-key-of-this-metarr');
    const { user, address } = showLibrary();
    await user.type(await field(), ' the-right-key-of-this-metarr {Enter}');

    expect(await screen.findByText('8 movies')).toBeInTheDocument();
    expect(await screen.findByRole('button', { name: 'Live' })).toBeInTheDocument();
    expect(address()).toBe('/media/movies?page=2');
    expect(tried).toEqual([{ apiKey: 'the-right-key-of-this-metarr' }]);
    expect(localStorage.getItem(KEY)).toBe('in');
  });

  test('a wrong key is said to be wrong, and is typed over; the next one is tried', async () => {
    const tried = take('right');
    const { user } = showLibrary();
    await user.type(await field(), 'wrong{Enter}');

    expect(await screen.findByRole('alert')).toHaveTextContent('This is not the key');
    expect(await field()).toBeInvalid();
    expect(await field()).toHaveAccessibleDescription('This is not the key');

    await user.keyboard('right');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    await user.keyboard('{Enter}');
    expect(await screen.findByText('8 movies')).toBeInTheDocument();
    expect(tried).toEqual([{ apiKey: 'wrong' }, { apiKey: 'right' }]);
  });

  test('without a key nothing is asked', async () => {
    const tried = take('right');
    const { user } = showLibrary();
    await field();
    await user.click(submit());

    expect(screen.getByRole('alert')).toHaveTextContent('Enter the API key');
    expect(await field()).toHaveFocus();
    expect(tried).toEqual([]);
  });

  test('after too many tries it says when to try again, and waits until then', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let tries = 0;
    server.use(
      http.post('/api/session', () => {
        tries += 1;
        const failure = { success: false, error: 'Too many requests', code: 'too_many_requests' };
        return HttpResponse.json(failure, { status: 429, headers: { 'Retry-After': '20' } });
      }),
    );
    const { user } = showLibrary();
    await user.type(await field(), 'a-key{Enter}');

    expect(await screen.findByText('Too many requests.')).toBeInTheDocument();
    expect(screen.getByText(/can be tried again in \d\d s/)).toBeInTheDocument();
    await user.click(submit());
    await user.type(await field(), '{Enter}');
    expect(tries).toBe(1);

    await act(() => vi.advanceTimersByTimeAsync(21_000));
    expect(screen.getByText(/can be tried again now/)).toBeInTheDocument();
    take('a-key');
    await user.click(submit());
    expect(await screen.findByText('8 movies')).toBeInTheDocument();
  });

  test.each([
    ['is away', () => HttpResponse.error(), 'Metarr does not answer. Is it running?'],
    [
      'is behind something that is broken',
      () => new HttpResponse('', { status: 502 }),
      'Metarr does not answer.',
    ],
    [
      'does not know its own name',
      () =>
        HttpResponse.json(
          { success: false, error: 'See METARR_ALLOWED_HOSTS', code: 'host_not_allowed' },
          { status: 403 },
        ),
      'See METARR_ALLOWED_HOSTS',
    ],
  ])('says so where the gateway %s, and can be tried again', async (_what, response, words) => {
    server.use(http.post('/api/session', response));
    const { user } = showLibrary();
    await user.type(await field(), 'a-key{Enter}');

    expect(await screen.findByText(words, { exact: false })).toBeInTheDocument();
    expect(await field()).toBeValid();

    take('a-key');
    await user.click(submit());
    expect(await screen.findByText('8 movies')).toBeInTheDocument();
  });

  test('a try that takes long is shown, and not made twice', async () => {
    let tries = 0;
    let end: () => void = () => undefined;
    server.use(
      http.post('/api/session', async () => {
        tries += 1;
        await new Promise<void>((resolve) => (end = resolve));
        answer(STATS, { total: 8 });
        return HttpResponse.json({ success: true, data: { required: true, signedIn: true } });
      }),
    );
    const { user } = showLibrary();
    await user.type(await field(), 'a-key{Enter}');

    const busy = await screen.findByRole('button', { name: 'Signing in …', busy: true });
    await user.click(busy);
    await user.type(await field(), '{Enter}');
    await waitFor(() => expect(tries).toBe(1));
    end();
    expect(await screen.findByText('8 movies')).toBeInTheDocument();
    expect(tries).toBe(1);
  });

  test('goes away when another tab signs in', async () => {
    answer(STATS, { total: 8 });
    showLibrary();
    await field();

    elsewhere('in');

    expect(await screen.findByText('8 movies')).toBeInTheDocument();
  });
});

describe('a refusal for want of a sign-in', () => {
  async function showSignedIn() {
    answer(STATS, { total: 7 });
    const shown = showLibrary();
    await screen.findByText('7 movies');
    await screen.findByRole('button', { name: 'Live' });
    return shown;
  }

  test('shows the sign-in page, says why, and leaves nothing of the library', async () => {
    const { client } = await showSignedIn();
    refuseAll();
    const asked = counted();
    act(() => void client.invalidateQueries());

    expect(await screen.findByText(ENDED)).toBeInTheDocument();
    expect(screen.queryByText('7 movies')).not.toBeInTheDocument();
    expect(
      JSON.stringify(
        client
          .getQueryCache()
          .getAll()
          .map(({ state }) => state.data),
      ),
    ).not.toContain('7');
    expect(localStorage.getItem(KEY)).toBe('out');
    expect(asked).toEqual([`GET /api${STATS}`]);
  });

  test('of a change does the same', async () => {
    const { user } = await showSignedIn();
    refuse('/rules', 401, 'not_signed_in', 'Sign in first', {}, 'patch');
    await user.click(screen.getByRole('button', { name: 'Change' }));

    expect(await screen.findByText(ENDED)).toBeInTheDocument();
  });

  test('afterwards nothing is asked and no connection is tried, however long it lasts', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { client } = await showSignedIn();
    refuseAll();
    answer('/session', { required: true, signedIn: false });
    act(() => void client.invalidateQueries());
    await screen.findByText(ENDED);
    const asked = counted();
    const { connections } = socket;

    await act(() => vi.advanceTimersByTimeAsync(120_000));

    expect(asked).toEqual([]);
    expect(socket.connections).toBe(connections);
  });

  test('after it the sign-in shows everything anew, and live updates come', async () => {
    const { client, user } = await showSignedIn();
    refuseAll();
    act(() => void client.invalidateQueries());
    take('the-new-key');
    await user.type(await field(), 'the-new-key{Enter}');

    expect(await screen.findByText('8 movies')).toBeInTheDocument();
    expect(await screen.findByRole('button', { name: 'Live' })).toBeInTheDocument();
    const { connections } = socket;
    expect(connections).toBe(2);
  });

  test('that was on its way when somebody signed in says nothing of the present', async () => {
    const { client, user } = await showSignedIn();
    let end: () => void = () => undefined;
    server.use(
      http.patch('/api/rules', async () => {
        await new Promise<void>((resolve) => (end = resolve));
        return HttpResponse.json(
          { success: false, error: 'Sign in', code: 'not_signed_in' },
          { status: 401 },
        );
      }),
    );
    await user.click(screen.getByRole('button', { name: 'Change' }));
    elsewhere('out');
    await field();
    elsewhere('in');
    await screen.findByText('7 movies');
    end();

    await act(() => delay(50));
    expect(sessionState()).toBe('in');
    expect(client.getQueryData(['enrichment', 'stats'])).toEqual({ total: 7 });
  });

  test('a socket that is closed for want of a sign-in leads to the page, without a try to connect', async () => {
    await showSignedIn();
    answer('/session', { required: true, signedIn: false });
    const asked = counted();
    socket.cut(1008);

    expect(await field()).toBeInTheDocument();
    expect(asked.filter((one) => one.endsWith('/session'))).toEqual(['GET /api/session']);
    expect(socket.connections).toBe(1);
  });
});

test('a sign-out in another tab leaves nothing in this one', async () => {
  answer(STATS, { total: 7 });
  const { client } = showLibrary();
  await screen.findByText('7 movies');

  elsewhere('out');

  expect(await field()).toBeInTheDocument();
  expect(client.getQueryCache().getAll()).toEqual([]);
  expect(screen.queryByText(ENDED)).not.toBeInTheDocument();
});

test('what else the browser keeps, and a cleared storage, change nothing', async () => {
  answer(STATS, { total: 7 });
  showLibrary();
  await screen.findByText('7 movies');

  elsewhere(null);
  act(() => void window.dispatchEvent(new StorageEvent('storage', { key: 'metarr-theme', newValue: 'out' })));

  expect(screen.getByText('7 movies')).toBeInTheDocument();
});

test('a browser that keeps nothing can be signed in to all the same', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Storage is forbidden', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('Storage is forbidden', 'SecurityError');
  });
  recallSession();
  answer('/session', { required: true, signedIn: false });
  take('right');
  const { user } = showLibrary();
  await user.type(await field(), 'right{Enter}');

  expect(await screen.findByText('8 movies')).toBeInTheDocument();
});
