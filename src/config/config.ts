import type { WebhookEventType } from '../core/webhook-event.ts';

/** The whole configuration, validated once and frozen. Nothing else in Sluice reads the environment. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Null: Sluice starts its own Redis in `dataDir`. */
  readonly redisUrl: string | null;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path of the folder that stored jobs are archived in; shared by all processes. */
  readonly archiveDir: string;
  /** Absolute path of the folder that files are kept in; shared by all processes. */
  readonly filesDir: string;
  /** Null: files are kept in `filesDir`. */
  readonly storage: S3Settings | null;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** The key that clients must send as a Bearer token; null only on loopback. */
  readonly masterKey: string | null;
  readonly retries: RetryPolicy;
  readonly limits: Limits;
  readonly modelGroups: readonly ModelGroup[];
  readonly webhooks: WebhookSettings;
}

/** A bucket that files are kept in: S3's, or one of whatever speaks like S3. */
export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** A URL; null: Amazon's own for the region. */
  readonly endpoint: string | null;
  /** What the keys of all objects begin with, without the slash that follows; may be empty. */
  readonly prefix: string;
  /** Null: as AWS's own tools find them, in the environment, a profile or the machine's role. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** The bucket's name stands in the path, not in the host's name. */
  readonly forcePathStyle: boolean;
}

/** Whom to tell of events, and how. */
export interface WebhookSettings {
  /** Signs for endpoints without a secret of their own, and for the webhooks of jobs and batches; null: one is made. */
  readonly secret: string | null;
  /** Hosts and networks that may be called although they are private or speak http. */
  readonly allowHosts: readonly string[];
  /** Seconds that an endpoint has to answer. */
  readonly timeout: number;
  /** Seconds until a delivery that failed is tried again; they double with every failure. */
  readonly retry: number;
  readonly endpoints: readonly ConfiguredEndpoint[];
}

/** An item of `webhook_endpoints`. */
export interface ConfiguredEndpoint {
  readonly name: string;
  readonly url: string;
  readonly eventTypes: readonly WebhookEventType[];
  /** Null: that of {@link WebhookSettings}. */
  readonly secret: string | null;
}

/** `router_settings`, with LiteLLM's names. */
export interface RetryPolicy {
  /** Attempts after the first that may fail before the job does. */
  readonly numRetries: number;
  /** Seconds to wait at least before an attempt is repeated. */
  readonly retryAfter: number;
}

/** Bounds of `general_settings`, each with a default. */
export interface Limits {
  /** Largest request body, in bytes. */
  readonly maxRequestBytes: number;
  /** Largest output of one attempt in the log, in bytes. */
  readonly maxOutputBytes: number;
  /** Seconds from acceptance until a job that has not settled expires, unless it says otherwise. */
  readonly jobTimeout: number;
  /** Seconds that a settled job's record and result are kept. */
  readonly resultTtl: number;
  /** Seconds that a settled job's log is kept; its events are rebuilt from the result afterwards. */
  readonly logTtl: number;
  /** Seconds that a settled job is kept whose client asked for it to be stored; never less than `resultTtl`. */
  readonly storedTtl: number;
  /** Attempts that may die with their worker before the job is given up as one that kills workers. */
  readonly maxLostAttempts: number;
  /** Jobs that one worker process runs at once, in each model group. */
  readonly concurrency: number;
  /** Seconds that a draining worker lets running jobs finish before it hands them over. */
  readonly drainGrace: number;
  /** Seconds that a reader may take nothing from a full socket before it is disconnected. */
  readonly readerStallTimeout: number;
  /** Seconds of silence after which a stream, or an answer that is long in coming, gives a sign of life. */
  readonly keepAlive: number;
  /** Largest file, in bytes. */
  readonly maxFileBytes: number;
  /** Most lines of a batch. */
  readonly maxBatchLines: number;
  /** Largest input of a batch, in bytes. */
  readonly maxBatchBytes: number;
  /** Seconds from the acceptance of a batch until what has not been run expires. */
  readonly batchTimeout: number;
  /** Lines of all batches that are in the queue at once, at most. */
  readonly batchWindow: number;
}

/** Deployments that share a public model name. `name` is exact, or ends in `/*` and matches every model below it. */
export interface ModelGroup {
  readonly name: string;
  readonly deployments: readonly Deployment[];
}

/** One upstream model with its credentials: `litellm_params`. */
export interface Deployment {
  /** Unique in the configuration; safe to log. */
  readonly id: string;
  /** The part of `model` before the first slash: `openai`. */
  readonly provider: string;
  /** The part after it; `*` stands for whatever the client asked for below the group's name. */
  readonly model: string;
  readonly apiBase: string | null;
  readonly apiKey: string | null;
  /** The keys that only this provider has (`aws_region_name`, `api_version`, …), from the file or the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sent with every call on top of the provider's own; lower-case names. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  /** Leave out what the provider does not support, instead of refusing the request. */
  readonly dropParams: boolean;
  /** Request fields that are always left out. */
  readonly additionalDropParams: readonly string[];
  /** Seconds that one attempt may take from its start to its last delta. */
  readonly timeout: number;
  /** Seconds that the provider may stay silent, before the first delta and between two. */
  readonly streamTimeout: number;
  /** Request fields that every call gets unless the client set them (`temperature`, `max_tokens`, …). */
  readonly params: Readonly<Record<string, unknown>>;
  /** What this deployment costs, where the configuration says so. */
  readonly prices: DeploymentPrices | null;
  /** The model to price by, where `model` does not tell (a deployment of Azure's, an endpoint's id). */
  readonly baseModel: string | null;
}

/** US dollars per token. Null: as any other token of the prompt. */
export interface DeploymentPrices {
  readonly inputCostPerToken: number;
  readonly outputCostPerToken: number;
  /** For tokens of the prompt that the provider read from its cache. */
  readonly cacheReadCostPerToken: number | null;
  /** For tokens of the prompt that it wrote into its cache. */
  readonly cacheWriteCostPerToken: number | null;
}
