package dev.kausal.engine.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFilesTest {
    @TempDir
    Path folder;

    @Test
    void readsUpToTheLimit() throws IOException {
        Path file = Files.write(folder.resolve("four"), new byte[] {'k', 'a', 'u', 's'});
        assertArrayEquals(new byte[] {'k', 'a', 'u', 's'}, SmallFiles.bytes(file, 4));
        assertEquals("kaus", SmallFiles.text(file, 4));
        FileTooLargeException refused = assertThrows(FileTooLargeException.class, () -> SmallFiles.bytes(file, 3));
        assertEquals(3, refused.most());
        assertEquals(file, refused.file());
    }

    @Test
    void aDeviceWithoutEndIsRefused() {
        assertThrows(FileTooLargeException.class, () -> SmallFiles.bytes(Path.of("/dev/zero"), 1000));
    }

    @Test
    void textThatIsNoUtf8IsAnError() throws IOException {
        Path file = Files.write(folder.resolve("bad"), new byte[] {(byte) 0xff});
        assertThrows(CharacterCodingException.class, () -> SmallFiles.text(file, 10));
    }
}
