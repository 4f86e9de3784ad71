import { fileURLToPath } from 'node:url';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

const GATEWAY = process.env['METARR_DEV_GATEWAY'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    // The gateway sends these as they are; the page itself is not among them, since it gets a nonce per answer.
    compression({ algorithms: ['brotliCompress', 'gzip'], include: /\.(js|css|svg)$/, threshold: 512 }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  html: { cspNonce: '__CSP_NONCE__' },
  // Everything stays a file of its own: the content security policy allows no script or font inside a page.
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: {
    proxy: {
      '/api': { target: GATEWAY },
      '/ws': { target: GATEWAY, ws: true },
    },
  },
});
