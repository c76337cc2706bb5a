/** Gives the place back. A second call does nothing. */
export type Leave = () => void;

/** Lets a few instances connect at a time: two hundred logins at once would starve everything else. */
export interface Admission {
  /** Resolves in the order of the calls. */
  enter(): Promise<Leave>;
}

export function createAdmission(places: number): Admission {
  let free = places;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return {
    async enter() {
      if (free > 0) free--;
      else await new Promise<void>((admitted) => waiting.push(admitted));
      let inside = true;
      return () => {
        if (inside) leave();
        inside = false;
      };
    },
  };
}
