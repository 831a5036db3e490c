package com.fernmoor.picks.pick;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Labels as the printers take them: one byte a dot, 600 dots an inch. */
@Component
class LabelStore {

    private static final int WIDTH = 2 * 600;
    private static final int HEIGHT = 4 * 600;

    private final Map<Long, byte[]> labels = new ConcurrentHashMap<>();

    void render(Pick pick) {
        byte[] dots = new byte[WIDTH * HEIGHT];
        drawBars(dots, Long.toString(pick.id()));
        labels.put(pick.id(), dots);
    }

    Optional<byte[]> find(long pickId) {
        return Optional.ofNullable(labels.get(pickId));
    }

    private static void drawBars(byte[] dots, String text) {
        for (int y = HEIGHT / 4; y < HEIGHT / 2; y++) {
            for (int x = 0; x < text.length() * 16; x++) {
                dots[y * WIDTH + x] = (byte) (text.charAt(x / 16) >> (x % 8));
            }
        }
    }
}
