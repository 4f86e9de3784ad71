import '@/index.css';

import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';

import { App, createQueryClient } from '@/App';
import { createRouter, preloadPages } from '@/router';
import { recallSession } from '@/utils/session';

// Dialogs write a style element of their own; the content security policy allows it by this nonce alone.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
if (nonce) setNonce(nonce);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');

recallSession();
preloadPages();

createRoot(root).render(
  <StrictMode>
    <App client={createQueryClient()}>
      <RouterProvider router={createRouter()} />
    </App>
  </StrictMode>,
);
