import { ActionIcon, Tooltip } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Menu, Search, WifiOff } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { goLive, useLive } from '../live.ts'
import { useMe } from '../me.ts'
import { Bell } from '../notifications/bell.tsx'
import { t } from '../texts/texts.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { listenToKeys, useKeys } from '../ui/keys.ts'
import { CommandPalette } from './command-palette.tsx'
import { Navigation } from './navigation.tsx'
import { PAGES } from './pages.ts'
import styles from './shell.module.css'
import { ShortcutHelp } from './shortcut-help.tsx'

/** The frame around every page of someone who is signed in. */
export function Shell() {
  const client = useQueryClient()
  const [open, setOpen] = useState<'palette' | 'help' | 'menu' | null>(null)
  const close = () => setOpen(null)
  useEffect(() => goLive(client), [client])
  useEffect(listenToKeys, [])
  useShellKeys((what) => setOpen(what))
  const content = useFocusOnNewPage(close)

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {t.common.skip}
      </a>
      <Navigation isOpen={open === 'menu'} onClose={close} onHelp={() => setOpen('help')} />
      <button
        type="button"
        className={styles.scrim}
        data-open={open === 'menu'}
        aria-label={t.shell.closeMenu}
        tabIndex={open === 'menu' ? 0 : -1}
        onClick={close}
      />
      <div className={styles.main}>
        <header className={styles.top}>
          <ActionIcon
            className={styles.menuButton ?? ''}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t.shell.openMenu}
            aria-expanded={open === 'menu'}
            onClick={() => setOpen('menu')}
          >
            <Menu size={18} aria-hidden />
          </ActionIcon>
          <button type="button" className={styles.search} aria-keyshortcuts="Control+K" onClick={() => setOpen('palette')}>
            <Search size={15} aria-hidden />
            <span>{t.shell.search}</span>
            <span className={styles.hint} aria-hidden>
              <KeyHint keys="mod+k" />
            </span>
          </button>
          <StaleNote />
          <Bell />
        </header>
        <main id="content" ref={content} className={styles.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {open === 'palette' && <CommandPalette onClose={close} />}
      {open === 'help' && <ShortcutHelp onClose={close} />}
    </div>
  )
}

/** Says when what is seen may be old. */
function StaleNote() {
  const { isStale } = useLive()
  return (
    <div role="status" className={styles.stale}>
      {isStale && (
        <Tooltip label={t.shell.stale} multiline maw={280}>
          <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
            <WifiOff size={15} aria-hidden />
            <span className={styles.staleText}>{t.shell.stale}</span>
          </span>
        </Tooltip>
      )}
    </div>
  )
}

function useShellKeys(open: (what: 'palette' | 'help') => void): void {
  const navigate = useNavigate()
  const me = useMe()
  useKeys([
    { keys: 'mod+k', label: t.keys.search, group: t.keys.anywhere, run: () => open('palette') },
    { keys: '/', label: t.keys.searchHere, group: t.keys.anywhere, run: () => open('palette') },
    { keys: '?', label: t.keys.help, group: t.keys.anywhere, run: () => open('help') },
    ...PAGES.filter((page) => me.permissions.includes(page.permission)).map((page) => ({
      keys: `g ${page.key}`,
      label: t.shell.pages[page.name],
      group: t.keys.go,
      run: () => void navigate({ to: page.to }),
    })),
  ])
}

/** A new page takes the focus, so that a screen reader begins there and not at the link that was left. */
function useFocusOnNewPage(onNewPage: () => void) {
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const content = useRef<HTMLElement>(null)
  const last = useRef(pathname)
  useEffect(() => {
    if (last.current === pathname) return
    last.current = pathname
    onNewPage()
    content.current?.focus({ preventScroll: true })
  })
  return content
}
