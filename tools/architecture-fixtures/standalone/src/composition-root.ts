import express from 'express';
import { Container } from 'inversify';
import { book } from '../../book-service/src/composition-root';
import { rental } from '../../rental-service/src/composition-root';

export const library = [new Container(), express(), book, rental];
