import { Router } from 'express';

/** Where the built-in logos are; BRANDING names others. */
export const LOGO = '/static/img/logo.svg';
export const LOGO_DARK = '/static/img/logo-dark.svg';

/** Three tide marks, and the name beside them. */
const logo = (ink: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 196 40" role="img" aria-label="Tidemark">
  <g fill="none" stroke="#1f77b4" stroke-width="3.5" stroke-linecap="round">
    <path d="M4 12q6-7 12 0t12 0"/>
    <path d="M4 21q6-7 12 0t12 0" opacity=".7"/>
    <path d="M4 30q6-7 12 0t12 0" opacity=".4"/>
  </g>
  <text x="40" y="29" font-family="system-ui, sans-serif" font-size="26" font-weight="600" fill="${ink}">Tidemark</text>
</svg>
`;

export function logoRoutes(): Router {
  const router = Router();
  const images = [
    [LOGO, logo('#151515')],
    [LOGO_DARK, logo('#ffffff')],
  ] as const;
  for (const [path, image] of images) {
    router.get(path, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=86400').type('image/svg+xml').send(image);
    });
  }
  return router;
}
