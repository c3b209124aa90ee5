/**
 * Why an attempt was stopped from outside its provider call.
 * `ticket_lost`: the queue may have given the job to another worker. `draining`: this worker shuts down.
 * `cancelled`: a client asked for it. `expired`: the job's deadline passed. `fenced`: a newer attempt has
 * begun. `log_failed`: Redis refused a write, or came back without entries that it had
 * acknowledged. `output_too_large`: the
 * attempt reached the limit of what a log may hold.
 */
export type InterruptionReason =
  | 'ticket_lost'
  | 'draining'
  | 'cancelled'
  | 'expired'
  | 'fenced'
  | 'log_failed'
  | 'output_too_large';

/** The `reason` of an attempt's aborted signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly reason: InterruptionReason;

  constructor(reason: InterruptionReason, options?: ErrorOptions) {
    super(`The attempt was interrupted: ${reason}`, options);
    this.reason = reason;
  }
}
