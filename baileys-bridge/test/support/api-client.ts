import { eventually } from './eventually.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface ApiClient {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  picture(instanceId: string, phone: string, more?: string): Promise<Answer>;
  untilState(instanceId: string, state: string): Promise<Record<string, unknown>>;
}

/** Creates a client that calls the bridge as its callers do. */
export function createApiClient(url: string, token: string): ApiClient {
  const call = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${url}${path}`, { ...init, method, headers });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: json ? (JSON.parse(text) as Record<string, unknown>) : {},
      text,
    };
  };
  const get: ApiClient['get'] = (path, headers = {}) => call('GET', path, { headers });
  return {
    get,
    post: (path, body) =>
      call('POST', path, {
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      }),
    patch: (path, body) =>
      call('PATCH', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    delete: (path) => call('DELETE', path),
    picture: (instanceId, phone, more = '') =>
      get(`/instances/${instanceId}/profile-picture?phone=${phone}${more}`),
    untilState: (instanceId, state) =>
      eventually(async () => {
        const { body } = await get(`/instances/${instanceId}`);
        if (body.state !== state) throw new Error(`${instanceId} is ${JSON.stringify(body)}, not ${state}`);
        return body;
      }),
  };
}
