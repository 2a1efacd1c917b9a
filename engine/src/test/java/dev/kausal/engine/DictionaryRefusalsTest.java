package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.features.DictionaryFile;
import dev.kausal.engine.features.DictionarySettingException;
import dev.kausal.engine.features.DictionaryShapeException;
import dev.kausal.engine.features.DictionaryUnknownException;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.CorruptWeightsException;
import dev.kausal.engine.weights.MissingTensorException;
import dev.kausal.engine.weights.NonFiniteWeightsException;
import dev.kausal.engine.weights.PickleRefusedException;
import dev.kausal.engine.weights.UnsupportedWeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no usable dictionaries. */
@ExtendWith(NoOpenArrays.class)
final class DictionaryRefusalsTest {
    @TempDir
    private Path folder;

    private Path copied(String name) throws IOException {
        for (String file : new String[] {"cfg.json", "sae_weights.safetensors"}) {
            Files.copy(DictionariesTest.fixture(name).resolve(file), folder.resolve(file));
        }
        return folder;
    }

    private Path edited(String name, String from, String to) throws IOException {
        Path file = copied(name).resolve("cfg.json");
        String text = Files.readString(file).replace("\": ", "\":").replace(", \"", ",\"");
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
        return folder;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    architecture | "architecture":"topk" | "architecture":"temporal"
                    normalize_activations | "normalize_activations":"none" | "normalize_activations":"covariance_whitening"
                    k | "k":5 | "k":33
                    k | "k":5, | ""
                    hook_head_index | "d_in":20 | "d_in":20,"hook_head_index":3
                    d_in | "d_in":20 | "d_in":"many"
                    activation_fn | "d_in":20 | "d_in":20,"activation_fn":"tanh-relu"
                    apply_b_dec_to_input | "apply_b_dec_to_input":true | "apply_b_dec_to_input":1
                    """)
    void settingsThatAskForOtherComputationsAreRefused(String field, String from, String to) throws IOException {
        Path path = edited("topk", from, to.equals("\"\"") ? "" : to);
        DictionarySettingException found =
                assertThrows(DictionarySettingException.class, () -> DictionaryFile.open(path));
        assertEquals(field, found.field());
    }

    @Test
    void settingsThatContradictTheTensorsAreRefused() throws IOException {
        Path path = edited("standard", "\"d_sae\":32", "\"d_sae\":64");
        String message = message(DictionaryShapeException.class, path);
        assertTrue(message.contains("d_sae") && message.contains("32") && message.contains("64"), message);
    }

    @Test
    void aTranscoderDoesNotSubtractItsBias() throws IOException {
        Path path = edited("transcoder", "\"apply_b_dec_to_input\":false", "\"apply_b_dec_to_input\":true");
        assertTrue(message(DictionarySettingException.class, path).contains("transcoder"));
    }

    @Test
    void missingTensorsAreNamed() throws IOException {
        Path path = edited("standard", "\"standard\"", "\"jumprelu\"");
        assertTrue(message(MissingTensorException.class, path).contains("threshold"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ae.pt", "sae.pth", "weights.bin"})
    void picklesAreRefused(String name) throws IOException {
        Files.writeString(folder.resolve(name), "anything");
        message(PickleRefusedException.class, folder);
        message(PickleRefusedException.class, folder.resolve(name));
    }

    @Test
    void othersAreUnknown() throws IOException {
        assertTrue(message(DictionaryUnknownException.class, folder).contains("an empty folder"));
        assertTrue(message(DictionaryUnknownException.class, folder.resolve("none"))
                .contains("no such"));
        Files.writeString(folder.resolve("W_enc_0.safetensors"), "x");
        assertTrue(message(DictionaryUnknownException.class, folder).contains("cross-layer"));
        Files.writeString(folder.resolve("notes.txt"), "x");
        message(DictionaryUnknownException.class, folder.resolve("notes.txt"));
    }

    @Test
    void inputsOfAnotherSizeAreRefused() {
        try (DictionaryFile file = DictionaryFile.open(DictionariesTest.fixture("standard"));
                Dictionary dictionary = file.load(Device.CPU);
                NDManager manager = Torch.manager()) {
            NDArray x = manager.ones(new Shape(1, 3, 24));
            String message = assertThrows(DictionaryShapeException.class, () -> dictionary.rows(x))
                    .getMessage();
            assertTrue(message.contains("24") && message.contains("20"), message);
        }
    }

    private <T extends KausalException> String message(Class<T> kind, Path path) {
        return assertThrows(kind, () -> DictionaryFile.open(path).close()).getMessage();
    }

    private static byte[] npy(String type, String shape, byte[] numbers) throws IOException {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        out.write(new byte[] {(byte) header.length(), (byte) (header.length() >> 8)});
        out.write(header.getBytes(StandardCharsets.US_ASCII));
        out.write(numbers);
        return out.toByteArray();
    }

    private Path npz(String type, String shape, byte[] numbers) throws IOException {
        Path file = folder.resolve("params.npz");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("W_enc.npy"));
            zip.write(npy(type, shape, numbers));
            zip.closeEntry();
        }
        return file;
    }

    @Test
    void bombsAreRefusedBeforeTheyAreUnpacked() throws IOException {
        int size = 32 << 20;
        Path file = npz("<f4", "(" + size / 4 + ",)", new byte[size]);
        assertTrue(Files.size(file) < size / 100);
        assertTrue(message(CorruptWeightsException.class, file).contains("compress"));
    }

    @Test
    void arraysThatEndEarlyAreDamaged() throws IOException {
        assertTrue(message(CorruptWeightsException.class, npz("<f4", "(5, 5)", new byte[8]))
                .contains("[5, 5]"));
        message(CorruptWeightsException.class, npz("<f4", "(99999999999, 99999999999)", new byte[8]));
        Files.writeString(folder.resolve("params.npz"), "no zip");
        message(CorruptWeightsException.class, folder);
    }

    @Test
    void arraysOfObjectsArePickles() throws IOException {
        message(PickleRefusedException.class, npz("|O", "(2,)", new byte[8]));
    }

    @Test
    void numbersThatAreNoneAreFound() throws IOException {
        byte[] nan = new byte[8];
        nan[2] = (byte) 0xc0;
        nan[3] = 0x7f;
        read(NonFiniteWeightsException.class, npz("<f4", "(2,)", nan));
        read(UnsupportedWeightsException.class, npz("<i4", "(2,)", nan));
    }

    private <T extends KausalException> void read(Class<T> kind, Path file) {
        try (var store = dev.kausal.engine.weights.WeightStores.npz(file);
                NDManager manager = Torch.manager()) {
            assertThrows(kind, () -> store.read("W_enc", manager));
        }
    }
}
