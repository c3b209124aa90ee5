import type { ReactNode } from 'react';

export const metadata = { title: 'Next.js and Sluice' };

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body style={{ font: '1.1rem/1.6 system-ui, sans-serif', maxWidth: '40rem', margin: '3rem auto' }}>
        {children}
      </body>
    </html>
  );
}
