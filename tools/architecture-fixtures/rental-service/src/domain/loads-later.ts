// breaks domain-imports-domain
export const later = () => import('../application/ports');
