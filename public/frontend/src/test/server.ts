/** The API as a test says it is: requests that the test did not foresee fail it. */
import { http, HttpResponse, type JsonBodyType } from 'msw';
import { setupServer } from 'msw/node';

/** Nobody is asked for a key, unless a test says so. */
export const server = setupServer(
  http.get('/api/session', () =>
    HttpResponse.json({ success: true, data: { required: false, signedIn: false } }),
  ),
);

type Method = 'get' | 'post' | 'patch' | 'delete';

/** Answers `path` (without `/api`) with `data`; returns the requests as they come. */
export function answer(path: string, data: JsonBodyType, method: Method = 'get', status = 200): Request[] {
  const requests: Request[] = [];
  server.use(
    http[method](`/api${path}`, ({ request }) => {
      requests.push(request.clone());
      return HttpResponse.json({ success: true, data }, { status });
    }),
  );
  return requests;
}

/** Refuses `path` with this status. */
export function refuse(
  path: string,
  status: number,
  code: string,
  error: string,
  more: object = {},
  method: Method = 'get',
) {
  server.use(
    http[method](`/api${path}`, () =>
      HttpResponse.json({ success: false, error, code, ...more }, { status }),
    ),
  );
}

/** Never answers `path` while the test runs. */
export function stayLoading(path: string) {
  server.use(http.get(`/api${path}`, () => new Promise<never>(() => undefined)));
}
