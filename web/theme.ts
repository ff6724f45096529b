import { createTheme, type MantineColorsTuple } from '@mantine/core'

// Never seen: every shade that is used is a custom property in styles/mantine.css. Mantine wants a tuple to know the name.
const petrol: MantineColorsTuple = [
  '#e7f3f3',
  '#cfe4e4',
  '#9fcaca',
  '#6cb0b2',
  '#439a9e',
  '#2a8d93',
  '#17808a',
  '#0c6a74',
  '#0c5a63',
  '#08474e',
]

export const theme = createTheme({
  primaryColor: 'petrol',
  colors: { petrol },
  primaryShade: { light: 8, dark: 7 },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // What is left empty is told when it matters; nearly every field here has to be filled in.
  components: {
    InputWrapper: { defaultProps: { withAsterisk: false } },
    // In its place in the page, where a screen reader expects it, and the focus on its first entry, not on a placeholder.
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false } },
    // What the pointer is told the keyboard is told too.
    Tooltip: { defaultProps: { events: { hover: true, focus: true, touch: true } } },
  },
  focusRing: 'never', // ours is in styles/base.css, for everything alike
})
