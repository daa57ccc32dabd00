#!/usr/bin/env bash
# Stands in for FFmpeg (FFMPEG_BIN) and keeps what the encoders are fed: the very frames and samples, and their arguments.
# BENCH_FFMPEG is the real one, BENCH_CAPTURE the folder.
set -u
case " $* " in
*" matroska "*)
  printf '%s\0' "$@" >"$BENCH_CAPTURE/video.args"
  tee "$BENCH_CAPTURE/video.mkv" | "$BENCH_FFMPEG" "$@"
  ;;
*" adts "*)
  printf '%s\0' "$@" >"$BENCH_CAPTURE/audio.args"
  tee "$BENCH_CAPTURE/audio.pcm" | "$BENCH_FFMPEG" "$@"
  ;;
*) exec "$BENCH_FFMPEG" "$@" ;;
esac
