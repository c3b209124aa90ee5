import { sharedSluice } from '../../support/shared-sluice.ts';
import { chatClient } from './chat.ts';
import { completionsClient } from './completions.ts';
import { messagesClient } from './messages.ts';
import { describeResume } from './response-resume.ts';
import { responsesClient } from './responses.ts';
import { describeSurface } from './surface-suite.ts';

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 1 },
  },
});

for (const client of [chatClient, completionsClient, responsesClient, messagesClient])
  describeSurface(client, sluice);

describeResume(sluice);
