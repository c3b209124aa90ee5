/**
 * A question, and its answer as it comes. Load the page again while it comes: the answer goes on. `server.ts` says how to run it.
 */
import { type FormEvent, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useCompletion } from 'sluice/react';

const model = new URLSearchParams(location.search).get('model') ?? 'scripted/lorem?delay_ms=80';

function Ask() {
  const [question, setQuestion] = useState('');
  // `key` is what makes it survive a refresh: the name of this completion within the tab.
  const { complete, stop, status, text, error } = useCompletion({ model, key: 'ask' });
  const running = status === 'connecting' || status === 'queued' || status === 'streaming';

  const ask = (event: FormEvent) => {
    event.preventDefault();
    void complete(question);
  };

  return (
    <main>
      <form onSubmit={ask}>
        <input
          value={question}
          onChange={({ target }) => setQuestion(target.value)}
          placeholder="Ask something"
        />
        <button type="submit" disabled={running}>
          Ask
        </button>
        <button type="button" disabled={!running} onClick={() => void stop()}>
          Stop
        </button>
      </form>
      <output>{text}</output>
      <small>{error?.message ?? status}</small>
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root.');
createRoot(root).render(
  <StrictMode>
    <Ask />
  </StrictMode>,
);
