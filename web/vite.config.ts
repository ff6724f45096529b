import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The console is static files that the server hands out under a policy without 'unsafe-inline': no inline script, no injected style,
// no data: fonts (assetsInlineLimit), and no module-preload polyfill, which would be an inline script.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // Three kinds of file: libraries, which change when they are updated; what pages share; and one small file a page.
        codeSplitting: {
          groups: [
            { name: 'controls', test: /node_modules\/(@mantine|@floating-ui|lucide-react)\//, priority: 3 },
            { name: 'libraries', test: /node_modules\/(?!(@xyflow|@dagrejs|@marcbachmann|re2js|d3-[a-z]+)\/)/, priority: 2 },
            // What only the drawing of workflows needs.
            { name: 'flow', test: /node_modules/, priority: 1 },
            { name: 'shared', test: /\/(web\/(ui|parts|texts)|src)\//, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
})
