import { mustBeKeptZone } from '../../src/store/kept-zone';

describe('The zone that is kept with the data', () => {
  it.each(['Asia/Seoul', 'ROK', 'asia/seoul'])('may be called %s later', (name) => {
    expect(() => mustBeKeptZone('Asia/Seoul', name)).not.toThrow();
  });

  it('cannot be changed, and whoever tries is told which it is', () => {
    expect(() => mustBeKeptZone('Asia/Seoul', 'Asia/Tokyo')).toThrow(
      'This library counts its days by the zone Asia/Seoul since its first start, and cannot change to LIBRARY_ZONE=Asia/Tokyo: start it with LIBRARY_ZONE=Asia/Seoul.',
    );
  });
});
