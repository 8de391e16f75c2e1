import { Errors } from '../model/error_codes.ts';
import { Failure } from '../model/failure.ts';
import type { Offset } from '../model/ids.ts';
import { MAX_PARKED_CONTROLLER_REQUESTS } from '../model/limits.ts';
import type { Clock, Timer } from '../model/ports.ts';

interface Parked {
  /** Given when everything up to here is committed. Ascending, because records are proposed in order. */
  readonly offset: Offset;
  readonly give: () => void;
  readonly fail: (failure: Failure) => void;
}

/** Responses that wait until what they say is committed. */
export class ParkedResponses {
  readonly #clock: Clock;
  #parked: Parked[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#parked.length >= MAX_PARKED_CONTROLLER_REQUESTS;
  }

  /**
   * @param timeoutMs how long the client waits; without it, as long as it takes
   * @returns the response, or REQUEST_TIMED_OUT, or what {@link failAll} is given
   */
  park<Response>(response: Response, offset: Offset, timeoutMs?: number): Promise<Response | Failure> {
    return new Promise(resolve => {
      let timer: Timer | undefined;
      const settle = (result: Response | Failure) => {
        timer?.cancel();
        resolve(result);
      };
      const parked: Parked = { offset, give: () => settle(response), fail: settle };
      this.#parked.push(parked);
      if (timeoutMs === undefined) return;
      timer = this.#clock.startTimer(Math.max(0, timeoutMs), () => {
        this.#parked = this.#parked.filter(each => each !== parked);
        settle(
          new Failure(
            Errors.REQUEST_TIMED_OUT,
            `The change was not committed within ${timeoutMs} ms; it may still be: look before you try again`,
          ),
        );
      });
    });
  }

  /** Gives what waits for the offset or an earlier one. */
  committed(offset: Offset): void {
    let count = 0;
    while (count < this.#parked.length && this.#parked[count]!.offset <= offset) count++;
    for (const parked of this.#parked.splice(0, count)) parked.give();
  }

  failAll(failure: Failure): void {
    for (const parked of this.#parked.splice(0)) parked.fail(failure);
  }
}
