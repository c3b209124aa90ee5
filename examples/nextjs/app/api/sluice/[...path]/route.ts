import { createRelay } from 'sluice/relay';

/** Hands on what the hooks of `sluice/react` ask, with the key that stays here. Give it a function for
 * `authorize` before others use the app. */
const relay = createRelay({ authorize: 'everybody' });

export const dynamic = 'force-dynamic';
export { relay as GET, relay as POST };
