/** A paired device, as WhatsApp knows it. */
export interface Account {
  /** The device's noise public key, base64. */
  readonly deviceKey: string;
  readonly user: string;
  readonly device: number;
  /** LID of the user, without device: `1234@lid`. */
  readonly lid: string;
  /** Says whether the device was logged out: it may never log in again. */
  removed: boolean;
  keys?: SignalKeys;
  /** Says whether the server assumes that the device uploaded its keys before, although it does not know them. */
  keysAssumed?: boolean;
}

export interface PublicPreKey {
  id: number;
  publicKey: Buffer;
}

/** The user who will own a device. */
export interface Owner {
  user: string;
  /** Without device: `1234@lid`. */
  lid: string;
  /** Default: the user's next free device number. */
  device?: number | undefined;
}

/** The keys that a sender needs to write to a device: its identity, and keys to open sessions with. */
export interface SignalKeys {
  registrationId: number;
  identityKey: Buffer;
  signedPreKey: PublicPreKey & { signature: Buffer };
  preKeys: PublicPreKey[];
}

export interface LoginFailure {
  reason: string;
  /** The number of logins that still fail; undefined means all. */
  times?: number | undefined;
  /** The length of a ban; the device gets it together with the reason. */
  expireSeconds?: number | undefined;
}

/** The paired devices, and the logins that must fail. */
export class Accounts {
  private readonly byKey = new Map<string, Account>();
  private readonly failures = new Map<string, LoginFailure>();

  constructor(private readonly save: (account: Account) => void = () => {}) {}

  restore(account: Account): void {
    this.byKey.set(account.deviceKey, account);
  }

  all(): IterableIterator<Account> {
    return this.byKey.values();
  }

  find(deviceKey: string): Account | undefined {
    return this.byKey.get(deviceKey);
  }

  /** Returns the account that a device becomes when its pairing succeeds. The account counts once it is added. */
  prepare(deviceKey: string, { user, lid, device }: Owner): Account {
    return { deviceKey, user, device: device ?? this.nextDevice(user), lid, removed: false };
  }

  add(account: Account): void {
    this.byKey.set(account.deviceKey, account);
    this.save(account);
  }

  logOut(account: Account): void {
    account.removed = true;
    this.save(account);
  }

  setKeys(account: Account, keys: SignalKeys): void {
    account.keys = keys;
    this.save(account);
  }

  /** Hands out a one-time pre-key, which is never handed out again, not even after a restart. */
  takePreKey(account: Account): PublicPreKey | undefined {
    const key = account.keys?.preKeys.shift();
    this.save(account);
    return key;
  }

  failLogins(user: string, failure: LoginFailure | null): void {
    if (failure) {
      this.failures.set(user, { ...failure });
    } else {
      this.failures.delete(user);
    }
  }

  /** Counts this login and says why it fails; undefined when it may pass. */
  nextFailure(user: string): LoginFailure | undefined {
    const failure = this.failures.get(user);
    if (!failure) {
      return undefined;
    }
    if (failure.times !== undefined) {
      failure.times -= 1;
      if (failure.times <= 0) {
        this.failures.delete(user);
      }
    }
    return failure;
  }

  private nextDevice(user: string): number {
    const taken = [...this.byKey.values()].filter((a) => a.user === user).map((a) => a.device);
    return Math.max(0, ...taken) + 1;
  }
}

export const deviceJid = (account: Account): string => `${account.user}:${account.device}@s.whatsapp.net`;

export const deviceLid = (account: Account): string => account.lid.replace('@', `:${account.device}@`);
