package dev.kausal.bundle

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/**
 * Identity of a process. Its number alone is not enough, as numbers are reused.
 *
 * @property pid process number
 * @property start start time in system ticks since boot
 * @property namespace PID namespace, such as a container's
 * @property boot boot id of the machine, new after each boot
 * @property machine id of the machine, which does not change
 */
internal data class Owner(
    val pid: Long,
    val start: String,
    val namespace: String,
    val boot: String,
    val machine: String,
) {
    /** Returns the text that [parse] reads. */
    fun text(): String =
        listOf("pid" to "$pid", "start" to start, "namespace" to namespace, "boot" to boot, "machine" to machine)
            .joinToString("") { (key, value) -> "$key $value\n" }

    /**
     * Returns whether this process has ended, given that its record is no longer locked. A process on another machine
     * that shares the folder is never assumed to have ended.
     */
    fun isOver(
        seenFrom: Owner = ofThisProcess(),
    ): Boolean {
        if (boot != seenFrom.boot) return machine.isNotEmpty() && machine == seenFrom.machine
        return namespace != seenFrom.namespace || startOf(pid) != start
    }

    companion object {
        private const val FIELDS_BEFORE_START = 19

        /** Returns the record of this process. */
        fun ofThisProcess(): Owner {
            val pid = ProcessHandle.current().pid()
            val namespace = runCatching { Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString() }
            val boot = line("/proc/sys/kernel/random/boot_id")
            return Owner(pid, startOf(pid), namespace.getOrDefault(""), boot, line("/etc/machine-id"))
        }

        /** Parses [text]; null if it is malformed. */
        fun parse(text: String): Owner? {
            val values = text.lines().filter {
                ' ' in it
            }.associate { it.substringBefore(' ') to it.substringAfter(' ') }
            val pid = values["pid"]?.toLongOrNull() ?: return null
            val (start, namespace) = listOf("start", "namespace").map { values[it] ?: return null }
            val (boot, machine) = listOf("boot", "machine").map { values[it] ?: return null }
            return Owner(pid, start, namespace, boot, machine)
        }

        /** Returns the start time of process [pid]; empty if there is none. */
        private fun startOf(pid: Long): String {
            val handle = ProcessHandle.of(pid).filter { it.isAlive }.orElse(null) ?: return ""
            // The name, in parentheses, may contain blanks and parentheses.
            val fields = line("/proc/$pid/stat").substringAfterLast(')').trim().split(' ')
            return fields.getOrNull(FIELDS_BEFORE_START) ?: handle.info().startInstant().map { "$it" }.orElse("")
        }

        private fun line(file: String): String =
            try {
                Files.readString(Path.of(file)).trim()
            } catch (_: IOException) {
                ""
            }
    }
}
