import { describe, expect, it } from 'vitest';
import { optionsFrom } from '../environment.js';

describe('the environment of the process', () => {
  it('needs nothing', () => {
    expect(optionsFrom({})).toEqual({ host: '127.0.0.1', port: 3002 });
  });

  it('sets host, port, state and the address of links', () => {
    const options = optionsFrom({
      FAKE_WHATSAPP_HOST: '0.0.0.0',
      FAKE_WHATSAPP_PORT: '4000',
      FAKE_WHATSAPP_STATE_DIR: '/data',
      FAKE_WHATSAPP_PUBLIC_URL: 'http://fake-whatsapp:4000/',
    });

    expect(options).toEqual({
      host: '0.0.0.0',
      port: 4000,
      stateDir: '/data',
      publicUrl: 'http://fake-whatsapp:4000',
    });
  });

  it.each([
    ['FAKE_WHATSAPP_HOST', '8.8.8.8'],
    ['FAKE_WHATSAPP_PORT', 'many'],
    ['FAKE_WHATSAPP_PORT', '70000'],
    ['FAKE_WHATSAPP_STATE_DIR', ''],
    ['FAKE_WHATSAPP_PUBLIC_URL', 'fake-whatsapp'],
  ])('is refused with %s=%s, by name', (name, value) => {
    expect(() => optionsFrom({ [name]: value })).toThrow(name);
  });
});
