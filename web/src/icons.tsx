// Pictures on buttons: sixteen units square, drawn in the ink of the text beside them.

import type { ComponentChildren } from "preact";

const Icon = ({ children, solid = false }: { children: ComponentChildren; solid?: boolean }) => (
  <svg class={solid ? "icon solid" : "icon"} viewBox="0 0 16 16" aria-hidden="true">
    {children}
  </svg>
);

export const Play = () => <Icon solid><path d="M4.5 2.8v10.4L13 8z" /></Icon>;
export const Pause = () => <Icon solid><path d="M4 3h3v10H4zm5 0h3v10H9z" /></Icon>;
export const Back = () => <Icon solid><path d="M11.5 3v10L5 8zM3 3h1.6v10H3z" /></Icon>;
export const On = () => <Icon solid><path d="M4.5 3v10L11 8zm6.9 0H13v10h-1.6z" /></Icon>;
export const Rewind = () => <Icon solid><path d="M8 3v10L1.8 8zm6.2 0v10L8 8z" /></Icon>;
export const Undo = () => <Icon><path d="M6 3 2.8 6.2 6 9.4M3 6.2h6.4a3.6 3.6 0 0 1 0 7.2H6.5" /></Icon>;
export const Redo = () => <Icon><path d="M10 3l3.2 3.2L10 9.4m3-3.2H6.6a3.6 3.6 0 0 0 0 7.2h2.9" /></Icon>;
export const Fork = () => <Icon><path d="M4.5 4.2v7.6m0-1.3c0-3 7-1.6 7-5.4" /><circle cx="4.5" cy="2.9" r="1.4" /><circle cx="4.5" cy="13.1" r="1.4" /><circle cx="11.5" cy="3.8" r="1.4" /></Icon>;
export const Versus = () => <Icon><path d="M2.5 3.5h4.2v9H2.5zm6.8 0h4.2v9H9.3z" /></Icon>;
export const Pointer = () => <Icon><path d="M4 2.5 12.6 8 8.4 8.9l2 4-1.6.7-1.9-4L4 12z" /></Icon>;
export const Move = () => <Icon><path d="M8 2v12M2 8h12M6.3 3.6 8 2l1.7 1.6M6.3 12.4 8 14l1.7-1.6M3.6 6.3 2 8l1.6 1.7M12.4 6.3 14 8l-1.6 1.7" /></Icon>;
export const Turn = () => <Icon><path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2.4v3h-3" /></Icon>;
export const Push = () => <Icon><path d="M2 8h8M7.2 4.8 10.4 8l-3.2 3.2M13.5 3v10" /></Icon>;
export const Magnet = () => <Icon><path d="M3 2.6h3v6a2 2 0 0 0 4 0v-6h3v6a5 5 0 0 1-10 0zM3 5.4h3m4 0h3" /></Icon>;
export const Close = () => <Icon><path d="m4 4 8 8m0-8-8 8" /></Icon>;
export const Things = () => <Icon><path d="M6 4h8M6 8h8M6 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01" /></Icon>;
export const About = () => <Icon><circle cx="8" cy="8" r="5.6" /><path d="M8 7.4v3.4M8 5.1h.01" /></Icon>;
export const Bolt = () => <Icon><path d="M9 1.8 3.6 9H7.6L6.8 14.2 12.4 7H8.3z" /></Icon>;
export const Target = () => <Icon><circle cx="8" cy="8" r="5.6" /><circle cx="8" cy="8" r="2.2" /></Icon>;
export const Signal = () => <Icon><path d="M1.6 8h2.6l1.7-4.6 3 9.2L11 8h3.4" /></Icon>;
export const Tree = () => <Icon><path d="M2.5 4.5h11M6 4.5c0 3 1 3.6 3 3.6h4.5M6 4.5v7.2h7.5" /></Icon>;
export const Sound = () => <Icon><path d="M2.4 6.2v3.6h2.2L8 12.6V3.4L4.6 6.2zM10.4 6a3 3 0 0 1 0 4M12.2 4.2a5.6 5.6 0 0 1 0 7.6" /></Icon>;
export const Mute = () => <Icon><path d="M2.4 6.2v3.6h2.2L8 12.6V3.4L4.6 6.2zM10.6 6.2l3.4 3.6m0-3.6-3.4 3.6" /></Icon>;
export const Wide = () => <Icon><path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" /></Icon>;
export const Leave = () => <Icon><path d="M6.5 2.8H3.2v10.4h3.3M9.6 5.2 12.6 8l-3 2.8M12.4 8H6.6" /></Icon>;
export const Plus = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const Down = () => <Icon><path d="M8 2.4v8M4.8 7.4 8 10.6l3.2-3.2M2.8 13.4h10.4" /></Icon>;
