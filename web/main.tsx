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

applyPreferences()
document.documentElement.lang = await chooseLanguage(navigator.languages)
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
