import { createContext, createElement, type ReactElement, type ReactNode, useContext, useMemo } from 'react';
import { Sluice } from '../client/sluice.ts';

/** Where the app's own server has its relay, unless a {@link SluiceProvider} says otherwise. */
const RELAY = '/api/sluice';

type Client = () => Sluice;

const Context = createContext<Client>(lazily(RELAY));

/** What a {@link SluiceProvider} takes: one of the two. */
export interface SluiceProviderProps {
  /** The address of the relay (`createRelay`), as a path of the page's own server. Default: `/api/sluice`. */
  readonly baseURL?: string | undefined;
  /** A client of your own, in place of that. */
  readonly client?: Sluice | undefined;
  readonly children?: ReactNode;
}

/** Says which server the hooks below it talk to. Without one, that is the relay at `/api/sluice`. */
export function SluiceProvider({ baseURL = RELAY, client, children }: SluiceProviderProps): ReactElement {
  const value = useMemo(() => (client === undefined ? lazily(baseURL) : () => client), [baseURL, client]);
  return createElement(Context.Provider, { value }, children);
}

/** The client that is given, else that of the nearest provider; made when it is first used. */
export function useClient(given: Sluice | undefined): Client {
  const provided = useContext(Context);
  return useMemo(() => (given === undefined ? provided : () => given), [given, provided]);
}

/** Never in a render: where a server renders, a path is no address. */
function lazily(baseURL: string): Client {
  let client: Sluice | undefined;
  return () => {
    client ??= new Sluice({ baseURL, apiKey: null });
    return client;
  };
}
