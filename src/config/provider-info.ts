/** What the configuration has to know of a provider to read a deployment of it. */
export interface ProviderInfo {
  /** LiteLLM's name: the part of `litellm_params.model` before the first slash. */
  readonly name: string;
  /** For people: `Anthropic`. */
  readonly title: string;
  /** Environment variables that may hold its key; the first that is set counts. Empty: it needs none. */
  readonly keyVariables: readonly string[];
  /** True where calls without a key are usual, or are signed in another way; a missing key is then no warning. */
  readonly keyOptional?: boolean;
  /** Environment variables that may hold its address; the first that is set counts. */
  readonly baseVariables: readonly string[];
  /** Its own address; null where there is none, and `api_base` or `settings` must say it. */
  readonly apiBase: string | null;
  /** Whether a deployment without any address is a mistake. */
  readonly needsBase?: boolean;
  /** Further keys of `litellm_params` that this provider reads. */
  readonly settings: readonly ProviderSetting[];
  /** Whether LiteLLM's keys for the template of a prompt (`roles`, …) reach it, as request fields. */
  readonly promptTemplates?: boolean;
}

/** One key of `litellm_params` beside `model`, `api_key` and `api_base`. Its value is text. */
export interface ProviderSetting {
  /** LiteLLM's name: `aws_region_name`. */
  readonly name: string;
  /** Environment variables that it falls back to; the first that is set counts. */
  readonly variables: readonly string[];
  /** What it is, for messages and the documentation: `the region, as eu-central-1`. */
  readonly about: string;
  /** A deployment without it is a mistake; `without_base`: where it has no address either. */
  readonly required?: boolean | 'without_base';
  /** Never shown. */
  readonly secret?: boolean;
}
