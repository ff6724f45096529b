import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/layers.css'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/mantine.css'
import './styles/tones.css'
import './styles/base.css'
import './styles/controls.css'
import { App } from './app.tsx'
import { chooseLanguage } from './texts/texts.ts'
import { applyPreferences } from './ui/preferences.ts'

// After an update the pages of before are gone from the server: the new ones come with the first page. Once, for a page that cannot be loaded
// even so must say so instead of turning in a circle.
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem('waybill.reloaded') ?? 0)
  if (Date.now() - last < 60_000) return
  event.preventDefault()
  sessionStorage.setItem('waybill.reloaded', String(Date.now()))
  window.location.reload()
})

applyPreferences()
document.documentElement.lang = await chooseLanguage(navigator.languages)
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
