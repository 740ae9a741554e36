import express from 'express';
import { createServer } from 'node:http';

export const server = createServer(express());
