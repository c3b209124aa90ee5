/** What `include` may ask an answer to have besides, when it is created and when it is retrieved. */
export const INCLUDABLE = [
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
  'message.input_image.image_url',
  'web_search_call.action.sources',
  'web_search_call.results',
  'file_search_call.results',
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
] as const;

/** The only one that changes how Sluice writes an answer; the rest is asked of the provider. */
export const ENCRYPTED = 'reasoning.encrypted_content';
