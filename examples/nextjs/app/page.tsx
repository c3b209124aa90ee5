'use client';

import { type FormEvent, useState } from 'react';
import { useCompletion } from 'sluice/react';

/** A question, and its answer as it comes. Load the page again while it comes: the answer goes on. */
export default function Page() {
  const [question, setQuestion] = useState('');
  const { complete, stop, status, text, error } = useCompletion({
    model: process.env.NEXT_PUBLIC_MODEL ?? 'scripted/lorem?delay_ms=80',
    key: 'ask',
  });
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
      <output style={{ display: 'block', whiteSpace: 'pre-wrap', margin: '1.5rem 0' }}>{text}</output>
      <small>{error?.message ?? status}</small>
    </main>
  );
}
