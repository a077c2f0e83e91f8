"""The one place that knows which concrete adapters exist: settings in, connected parts out."""
