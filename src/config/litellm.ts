/**
 * Keys of LiteLLM's `config.yaml` that Sluice does not implement. A file that works there must start
 * here, so they warn instead of failing; only what nobody knows is a typing error. Taken from LiteLLM's
 * `docs/proxy/config_settings.md`, `proxy/_types.py` (`ConfigGeneralSettings`), `router.py` and
 * `types/router.py`. Whole families are known by how they begin, since LiteLLM adds to them every week.
 */
export interface LiteLLMKeys {
  readonly words: readonly string[];
  /** Matches the beginning of a family of keys. */
  readonly families: RegExp | null;
  /** What to say instead of "ignored", where Sluice has something of the kind. */
  readonly advice?: Readonly<Record<string, string>>;
}

/** True for a key that Sluice has nothing for, but LiteLLM has. */
export function isKnownFromLiteLLM(known: LiteLLMKeys, key: string): boolean {
  return known.words.includes(key) || known.families?.test(key) === true;
}

const REDIS_ADVICE = 'known from LiteLLM, ignored by Sluice: its Redis is the one that REDIS_URL names';

/** For sections that are Sluice's own. */
export const NOT_FROM_LITELLM: LiteLLMKeys = { words: [], families: null };

export const TOP_LEVEL: LiteLLMKeys = {
  words: words(`
    environment_variables callback_settings finetune_settings files_settings batch_settings assistant_settings
    guardrails mcp_servers mcp_tools mcp_aliases credential_list vector_store_registry search_tools prompts
    agents agent_list policies policy_attachments default_vertex_config include worker_registry model_group_alias
    deepgram_settings responses_settings realtime_settings sandbox
  `),
  families: null,
  advice: {
    environment_variables: 'known from LiteLLM, ignored by Sluice: set them in the environment itself',
    include: 'known from LiteLLM, ignored by Sluice: models of the included files are missing',
  },
};

export const GENERAL: LiteLLMKeys = {
  words: words(`
    completion_model embedding_model image_generation_model moderation_model key_management_system
    key_management_settings max_parallel_requests global_max_parallel_requests max_request_size_mb
    max_response_size_mb max_batch_file_size_mb infer_model_from_keys forward_client_headers_to_llm_api
    forward_openai_org_id enforce_user_param enforced_params reject_clientside_metadata_tags public_routes
    admin_only_routes litellm_jwtauth litellm_license litellm_key_header_name supported_db_objects ui_access_mode
    spend_report_frequency service_account_settings default_team_disabled control_plane_url coordination_redis
    plugins otel cancel_on_disconnect model_list_healthy_only scheduled_job_stagger trusted_proxy_ranges
    redis_url always_include_stream_usage
  `),
  families:
    /^(alert|allow|background_health_check|custom_|database_|disable_|enable_|health_check_|maximum_|mcp_|oauth2_|pass_through_|proxy_|store_|use_|user_)/,
  advice: {
    max_request_size_mb: 'known from LiteLLM, ignored by Sluice: set max_request_bytes',
    max_response_size_mb: 'known from LiteLLM, ignored by Sluice: set max_output_bytes',
    max_parallel_requests: 'known from LiteLLM, ignored by Sluice: see concurrency',
    global_max_parallel_requests: 'known from LiteLLM, ignored by Sluice: see concurrency',
    redis_url: REDIS_ADVICE,
  },
};

export const ROUTER: LiteLLMKeys = {
  words: words(`
    fallbacks context_window_fallbacks content_policy_fallbacks max_fallbacks max_retries cooldown_time
    retry_policy tag_filtering_match_any tag_routing_prefix polling_interval debug_level client_ttl
    alerting_config assistants_config set_verbose provider_budget_config router_general_settings
    optional_pre_call_checks deployment_affinity_ttl_seconds ignore_invalid_deployments search_tools
    guardrail_list model_list weights semaphore
  `),
  families: /^(allowed_fails|cach|default_|disable_|enable_|health_check_|model_group_|redis_|routing_)/,
  advice: {
    redis_url: REDIS_ADVICE,
    redis_host: REDIS_ADVICE,
    redis_port: REDIS_ADVICE,
    redis_password: REDIS_ADVICE,
  },
};

/** Anything: LiteLLM sets each of these keys as an attribute of its Python module. */
export const LITELLM_SETTINGS: LiteLLMKeys = { words: [], families: /^/ };

export const MODEL_ENTRY: LiteLLMKeys = {
  words: words('rpm tpm itpm otpm access_groups team_id blocked'),
  families: null,
};

const SET_BY_SLUICE = 'ignored: Sluice sets it itself on every call';

export const DEPLOYMENT: LiteLLMKeys = {
  words: words(`
    rpm tpm itpm otpm weight order max_parallel_requests max_retries num_retries cooldown_time
    api_version organization default_headers allowed_openai_params region_name tags tag_regex max_budget budget_duration max_file_size_mb model_info
    configurable_clientside_auth_params use_in_pass_through use_litellm_proxy use_chat_completions_api
    merge_reasoning_content_in_choices keepalive_seconds allow_client_keepalive_override ssl_verify tenant_id
    client_id client_secret fallbacks context_window_fallback_dict cache caching hf_model_name
    supports_system_message bucket_name project prompt_id prompt_variables provider_affinity_header
    stream stream_options messages
  `),
  families:
    /^(adaptive_router_|auto_router_|aws_|azure_|bedrock_|cache_creation_|cache_read_|complexity_router_|default_api_key_|gcs_|input_cost_|litellm_|milvus_|mock_|oci_|output_cost_|quality_router_|s3_|sagemaker_|valkey_|vector_store_|vertex_|watsonx_)/,
  advice: { stream: SET_BY_SLUICE, stream_options: SET_BY_SLUICE, messages: SET_BY_SLUICE },
};

/** Of the template of a prompt, for providers that take one. */
export const PROMPT_TEMPLATE: readonly string[] = words(
  'roles initial_prompt_value final_prompt_value bos_token eos_token',
);

/** LiteLLM's names for what several providers have, and the settings that they stand for. */
export const SHARED_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  region_name: ['aws_region_name', 'vertex_location'],
  project: ['vertex_project'],
  token: ['azure_ad_token'],
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
